export { stateViewContract } from './state-view-contract.ts';
