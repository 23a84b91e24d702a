/**
 * The query protocol of EC2 and STS: form-encoded requests with numbered members, XML answers. Written from the "Query
 * API" pages of both services; the unmodified SDK is the judge of it.
 */
import { FakeAwsError } from './fake-error.ts';

export class QueryRequest {
  readonly #fields: URLSearchParams;

  constructor(body: string) {
    this.#fields = new URLSearchParams(body);
  }

  get action(): string {
    return this.#fields.get('Action') ?? '';
  }

  optional(name: string): string | undefined {
    return this.#fields.get(name) ?? undefined;
  }

  required(name: string): string {
    const value = this.optional(name);
    if (value === undefined || value === '') {
      throw new FakeAwsError(
        'MissingParameter',
        `The request must contain the parameter ${name[0].toLowerCase()}${name.slice(1)}`,
      );
    }
    return value;
  }

  /** Values of `Name.1`, `Name.2`, … in order. */
  list(name: string): string[] {
    const values: string[] = [];
    for (let i = 1; ; i++) {
      const value = this.optional(`${name}.${i}`);
      if (value === undefined) return values;
      values.push(value);
    }
  }

  /** How many members `Name.<n>.…` there are. */
  count(name: string): number {
    let count = 0;
    while ([...this.#fields.keys()].some((key) => key.startsWith(`${name}.${count + 1}.`))) count += 1;
    return count;
  }

  filters(): ReadonlyMap<string, readonly string[]> {
    const filters = new Map<string, readonly string[]>();
    for (let i = 1; i <= this.count('Filter'); i++) {
      filters.set(this.required(`Filter.${i}.Name`), this.list(`Filter.${i}.Value`));
    }
    return filters;
  }
}

/** What an answer can hold. Undefined members are left out; items of lists become `<item>`. */
export type XmlValue =
  string | number | boolean | undefined | readonly XmlValue[] | { readonly [name: string]: XmlValue };

export function xml(name: string, value: XmlValue): string {
  return value === undefined ? '' : `<${name}>${content(value)}</${name}>`;
}

function content(value: Exclude<XmlValue, undefined>): string {
  if (Array.isArray(value)) return value.map((item: XmlValue) => xml('item', item)).join('');
  if (typeof value === 'object') {
    return Object.entries(value)
      .map(([name, member]) => xml(name, member))
      .join('');
  }
  return String(value).replace(/[&<>]/g, (char) => `&#${char.charCodeAt(0)};`);
}

export function ec2Answer(action: string, requestId: string, answer: XmlValue): string {
  const members = { requestId, ...(answer as object) };
  return `<?xml version="1.0" encoding="UTF-8"?>\n${xml(`${action}Response`, members)}`;
}

export function ec2ErrorAnswer(requestId: string, code: string, message: string): string {
  const members = { Errors: { Error: { Code: code, Message: message } }, RequestID: requestId };
  return `<?xml version="1.0" encoding="UTF-8"?>\n${xml('Response', members)}`;
}

export function stsAnswer(action: string, requestId: string, result: XmlValue): string {
  const members = { [`${action}Result`]: result, ResponseMetadata: { RequestId: requestId } };
  return xml(`${action}Response`, members).replace(
    `<${action}Response>`,
    `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">`,
  );
}

export function stsErrorAnswer(requestId: string, code: string, message: string): string {
  const members = { Error: { Type: 'Sender', Code: code, Message: message }, RequestId: requestId };
  return xml('ErrorResponse', members).replace(
    '<ErrorResponse>',
    '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">',
  );
}
