/**
 * Reading a compressed tar archive as far as data sets need it: regular files with short names (POSIX ustar and what
 * GNU tar writes for those), whole in memory. Everything else in the archive is passed over.
 */
import { gunzipSync } from 'node:zlib';
import { fail } from '../../errors.ts';
import { readTraceFile } from '../../trace-file.ts';

const BLOCK = 512;
const NAME = [0, 100] as const;
const SIZE = [124, 136] as const;
const TYPE = 156;
const PREFIX = [345, 500] as const;
/** Types of regular files: "0", and a zero byte of old archives. */
const REGULAR = [0x30, 0];

/** A file of an archive. */
export interface ArchivedFile {
  /** Path within the archive. */
  readonly path: string;
  readonly text: string;
}

/**
 * The regular files of a `.tar.gz`, in the order of the archive.
 * @throws StowageError TRACE_NOT_FOUND, MALFORMED_TRACE
 */
export function readTarGz(path: string): ArchivedFile[] {
  const archive = unzipped(path, readTraceFile(path));
  const files: ArchivedFile[] = [];
  for (let at = 0; at + BLOCK <= archive.length;) {
    const header = archive.subarray(at, at + BLOCK);
    if (header[0] === 0) return files;
    const field = textOf(header, SIZE);
    const size = /^[0-7]+$/.test(field) ? parseInt(field, 8) : NaN;
    const end = at + BLOCK + size;
    if (!(end <= archive.length))
      fail('MALFORMED_TRACE', `${path}: is cut off or no tar archive; copy it again.`);
    if (REGULAR.includes(header[TYPE])) {
      const name = [textOf(header, PREFIX), textOf(header, NAME)].filter((part) => part !== '').join('/');
      files.push({ path: name, text: archive.toString('utf8', at + BLOCK, end) });
    }
    at += BLOCK * (1 + Math.ceil(size / BLOCK));
  }
  return fail('MALFORMED_TRACE', `${path}: has no end mark; copy it again.`);
}

function unzipped(path: string, content: Buffer): Buffer {
  try {
    return gunzipSync(content);
  } catch (error) {
    return fail(
      'MALFORMED_TRACE',
      `${path}: is no complete gzip file (${String(error)}); copy it again.`,
      error,
    );
  }
}

/** A field of a header, up to its zero byte. */
function textOf(header: Buffer, [begin, end]: readonly [number, number]): string {
  const field = header.subarray(begin, end);
  const zero = field.indexOf(0);
  return field.toString('utf8', 0, zero < 0 ? field.length : zero).trim();
}
