/** The verifier of `.pcq` manifests: bytes in, a report out. No page, no network, no files. */

export { CHECKS, PROFILES } from './report.ts';
export type { Check, CheckName, ExitCode, Facts, Finding, Profile, Report, Status } from './report.ts';
export type { Progress } from './pace.ts';
export type { Answer, Request } from './protocol.ts';
export { transferred } from './protocol.ts';
export { verify } from './verify.ts';
export type { Expectations, Options } from './verify.ts';
