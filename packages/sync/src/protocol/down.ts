import Type from 'typebox';
import { compileCheck } from '../model/mod.ts';
import { Bye } from './bye.ts';
import { EphDown } from './eph.ts';
import { Fault } from './fault.ts';
import { Lag } from './heads.ts';
import { Offered } from './offer.ts';
import { Ops } from './ops.ts';
import { Passive } from './passive.ts';
import { Probed } from './probe.ts';
import { Resend } from './resend.ts';
import { RowsFrame } from './rows.ts';
import { Summed } from './sum.ts';
import { Verdict } from './verdict.ts';
import { Welcome } from './welcome.ts';

/** Everything a relay may send. */
export const Down = Type.Union([
  Welcome,
  Verdict,
  Resend,
  Ops,
  RowsFrame,
  Lag,
  Probed,
  Offered,
  Summed,
  Passive,
  EphDown,
  Fault,
  Bye,
]);
export type Down =
  | Welcome
  | Verdict
  | Resend
  | Ops
  | RowsFrame
  | Lag
  | Probed
  | Offered
  | Summed
  | Passive
  | EphDown
  | Fault
  | Bye;

const checks = {
  welcome: compileCheck<Welcome>(Welcome),
  verdict: compileCheck<Verdict>(Verdict),
  resend: compileCheck<Resend>(Resend),
  ops: compileCheck<Ops>(Ops),
  rows: compileCheck<RowsFrame>(RowsFrame),
  lag: compileCheck<Lag>(Lag),
  probed: compileCheck<Probed>(Probed),
  offered: compileCheck<Offered>(Offered),
  summed: compileCheck<Summed>(Summed),
  passive: compileCheck<Passive>(Passive),
  eph: compileCheck<EphDown>(EphDown),
  fault: compileCheck<Fault>(Fault),
  bye: compileCheck<Bye>(Bye),
};
export const DOWN_CHECKS: Readonly<Record<string, { (value: unknown): boolean; problem(value: unknown): string }>> =
  checks;
