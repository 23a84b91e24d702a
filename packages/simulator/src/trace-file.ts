/**
 * Reading the files of a trace. Traces are copied by hand and cut off by full disks, so everything that can be
 * wrong with a file is an error that names the file, the line and the remedy.
 */
import { readFileSync } from 'node:fs';
import { CsvError, parse } from 'csv-parse/sync';
import { MAX_UNITS } from '@stowage/core';
import { fail } from './errors.ts';

/** @throws StowageError TRACE_NOT_FOUND */
export function readTraceFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    return fail(
      'TRACE_NOT_FOUND',
      `cannot read ${path} (${(error as NodeJS.ErrnoException).code ?? String(error)}); check the trace folder.`,
      error,
    );
  }
}

/** One data line of a CSV file with checked access to its fields. */
export class TraceRow {
  readonly #fields: Readonly<Record<string, string>>;
  readonly #where: string;

  constructor(fields: Readonly<Record<string, string>>, file: string, line: number) {
    this.#fields = fields;
    this.#where = `${file} line ${line}`;
  }

  /** @throws StowageError MALFORMED_TRACE when the field is empty */
  text(column: string): string {
    return this.optionalText(column) || this.reject(`${column} is empty; copy the file again.`);
  }

  /** The field, or an empty string when the file has no such column. */
  optionalText(column: string): string {
    return this.#fields[column] ?? '';
  }

  /** @throws StowageError MALFORMED_TRACE unless the field is an integer in the range */
  integer(column: string, min = 0, max: number = MAX_UNITS): number {
    const text = this.optionalText(column);
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max) {
      this.reject(`${column} is "${text}"; it must be an integer from ${min} to ${max}.`);
    }
    return value;
  }

  /** @throws StowageError MALFORMED_TRACE unless the field is a finite number */
  decimal(column: string): number {
    const text = this.optionalText(column);
    const value = Number(text);
    if (text === '' || !Number.isFinite(value)) this.reject(`${column} is "${text}"; it must be a number.`);
    return value;
  }

  /** @throws StowageError MALFORMED_TRACE */
  reject(message: string): never {
    return fail('MALFORMED_TRACE', `${this.#where}: ${message}`);
  }
}

/**
 * Reads a CSV file with a header line.
 * @param columns - must be there; others may be
 * @throws StowageError TRACE_NOT_FOUND, MALFORMED_TRACE
 */
export function readCsv(path: string, columns: readonly string[]): TraceRow[] {
  const content = readTraceFile(path).toString('utf8');
  if (!content.endsWith('\n')) {
    fail(
      'MALFORMED_TRACE',
      `${path}: does not end with a line break; copy it again if it was cut off, add one if it is complete.`,
    );
  }
  const records = parseRecords(path, content, (header) => {
    const missing = columns.filter((column) => !header.includes(column));
    if (missing.length > 0) {
      fail('MALFORMED_TRACE', `${path} line 1: no column ${missing.join(', ')}; is this the right file?`);
    }
    return header;
  });
  if (records.length === 0) fail('MALFORMED_TRACE', `${path}: there are no lines after the header.`);
  return records.map(({ record, info }) => new TraceRow(record, path, info.lines));
}

interface Line {
  readonly record: Readonly<Record<string, string>>;
  readonly info: { readonly lines: number };
}

function parseRecords(path: string, content: string, checkHeader: (header: string[]) => string[]): Line[] {
  try {
    return parse(content, {
      bom: true,
      columns: checkHeader,
      info: true,
      skip_empty_lines: true,
    }) as unknown as Line[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return fail('MALFORMED_TRACE', `${path}: ${error.message}; copy the file again.`, error);
  }
}
