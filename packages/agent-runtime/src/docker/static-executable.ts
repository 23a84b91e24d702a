/**
 * Tells whether a program runs in a container that has no libraries: an ELF file without an interpreter segment.
 * Source: elf(5), `PT_INTERP`.
 */
import { open } from 'node:fs/promises';

const PT_INTERP = 3;

/** False also for a file that is missing or is no ELF file. */
export async function isStaticExecutable(path: string): Promise<boolean> {
  let bytes: Buffer;
  try {
    const file = await open(path, 'r');
    try {
      // Program headers follow the file header directly in every usual binary.
      const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0);
      bytes = buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return false;
    throw error;
  }
  if (bytes.length < 64 || bytes.toString('latin1', 0, 4) !== '\x7fELF') return false;
  const is64 = bytes[4] === 2;
  const isLittle = bytes[5] === 1;
  const u16 = (at: number): number => (isLittle ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const u32 = (at: number): number => (isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  // The upper half of a 64-bit offset is 0 in what is looked at here.
  const first = u32(is64 ? (isLittle ? 32 : 36) : 28);
  const size = u16(is64 ? 54 : 42);
  const count = u16(is64 ? 56 : 44);
  if (first + size * count > bytes.length || count === 0) return false;
  for (let index = 0; index < count; index += 1) {
    if (u32(first + index * size) === PT_INTERP) return false;
  }
  return true;
}
