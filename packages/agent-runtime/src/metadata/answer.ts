/**
 * An answer of the metadata service before it is written to a connection.
 */

export interface Answer {
  readonly status: number;
  readonly type: 'text/plain' | 'application/json';
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function text(body: string, headers?: Readonly<Record<string, string>>): Answer {
  return { status: 200, type: 'text/plain', body, ...(headers !== undefined && { headers }) };
}

export function json(value: object): Answer {
  return { status: 200, type: 'application/json', body: JSON.stringify(value, undefined, 2) };
}

/** A document that says why there is none, in the shape that AWS clients read. */
export function problem(status: number, code: string, message: string): Answer {
  return { ...json({ Code: code, Message: message }), status };
}

/** A refusal without a word about anybody. */
export function refusal(status: number, headers?: Readonly<Record<string, string>>): Answer {
  return { status, type: 'text/plain', body: '', ...(headers !== undefined && { headers }) };
}
