/** What the service answers when it does not do what it was asked (RFC 9457), and what is said when it cannot be reached. */

export interface Fault {
  readonly pointer?: string;
  readonly message: string;
  readonly code?: string;
}

export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly requestId: string | null;
  readonly faults: readonly Fault[];
  readonly body: Readonly<Record<string, unknown>>;

  constructor(status: number, body: Readonly<Record<string, unknown>>, requestId: string | null) {
    super(typeof body.detail === 'string' ? body.detail : `the service answered ${String(status)}`);
    this.name = 'Problem';
    this.status = status;
    this.code = typeof body.code === 'string' ? body.code : `http.${String(status)}`;
    this.requestId = requestId;
    this.faults = Array.isArray(body.errors) ? (body.errors as Fault[]) : [];
    this.body = body;
  }
}

/** The service was not reached: no status, and it may be there again at the next try. */
export class Unreachable extends Error {
  constructor(cause: unknown) {
    super('The service cannot be reached. It is tried again.', { cause });
    this.name = 'Unreachable';
  }
}
