import Type from 'typebox';
import { compileCheck } from '../model/mod.ts';
import { Auth } from './auth.ts';
import { Backfill } from './backfill.ts';
import { Bye } from './bye.ts';
import { EphUp } from './eph.ts';
import { Heads } from './heads.ts';
import { Hello } from './hello.ts';
import { Need } from './need.ts';
import { Offer } from './offer.ts';
import { People } from './people.ts';
import { Probe } from './probe.ts';
import { Push } from './push.ts';
import { Sub } from './sub.ts';
import { Sum } from './sum.ts';

/** Everything a device may send. */
export const Up = Type.Union([Hello, Push, Need, Backfill, Heads, Sub, Probe, Offer, Sum, People, EphUp, Auth, Bye]);
export type Up = Hello | Push | Need | Backfill | Heads | Sub | Probe | Offer | Sum | People | EphUp | Auth | Bye;

const checks = {
  hello: compileCheck<Hello>(Hello),
  push: compileCheck<Push>(Push),
  need: compileCheck<Need>(Need),
  backfill: compileCheck<Backfill>(Backfill),
  heads: compileCheck<Heads>(Heads),
  sub: compileCheck<Sub>(Sub),
  probe: compileCheck<Probe>(Probe),
  offer: compileCheck<Offer>(Offer),
  sum: compileCheck<Sum>(Sum),
  people: compileCheck<People>(People),
  eph: compileCheck<EphUp>(EphUp),
  auth: compileCheck<Auth>(Auth),
  bye: compileCheck<Bye>(Bye),
};
export const UP_CHECKS: Readonly<Record<string, { (value: unknown): boolean; problem(value: unknown): string }>> =
  checks;
