/**
 * Resolves the user of a container in the `/etc/passwd` and `/etc/group` of its image. The agent reads as root what an
 * image's author wrote, so links are followed by hand and never lead out of the root folder, and only regular files of
 * bounded size are read. The folder must not change meanwhile, which holds for unpacked images.
 */
import { constants } from 'node:fs';
import { lstat, open, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidContainerError } from '../contract/container-backend.ts';

const MAX_LINKS = 40;
const MAX_FILE_BYTES = 4 * 1024 * 1024;
const MAX_ID = 2 ** 32 - 2;

export interface ContainerUser {
  readonly uid: number;
  readonly gid: number;
  readonly additionalGids: readonly number[];
  readonly home: string;
}

/**
 * @param user - `name`, `uid`, either with `:group` or `:gid`; '' = 0
 * @throws InvalidContainerError when a name is not in the image's files, or a number is out of range
 */
export async function lookUpUser(root: string, user: string): Promise<ContainerUser> {
  const [name = '', groupName, ...rest] = user.split(':');
  if (rest.length > 0) throw new InvalidContainerError(`User "${user}" has more than one colon.`);
  const accounts = parseTable(await readInside(root, '/etc/passwd'), 4);
  const groups = parseTable(await readInside(root, '/etc/group'), 3);
  const wanted = name === '' ? '0' : name;
  const account = accounts.find((fields) => fields[0] === wanted || fields[2] === wanted);
  if (account === undefined && !isNumber(wanted))
    throw new InvalidContainerError(`The image has no user "${wanted}" in /etc/passwd; give its number.`);
  const uid = toId(account?.[2] ?? wanted);
  const ofUser = groups.filter((fields) => fields[3]?.split(',').includes(account?.[0] ?? ''));
  const home = account?.[5] || '/';
  if (groupName !== undefined && groupName !== '') {
    const group = groups.find((fields) => fields[0] === groupName);
    if (group === undefined && !isNumber(groupName))
      throw new InvalidContainerError(
        `The image has no group "${groupName}" in /etc/group; give its number.`,
      );
    return { uid, gid: toId(group?.[2] ?? groupName), additionalGids: [], home };
  }
  const gid = account === undefined ? 0 : toId(account[3]);
  const additionalGids = [...new Set(ofUser.map((fields) => toId(fields[2])))].filter((each) => each !== gid);
  return { uid, gid, additionalGids, home };
}

/**
 * The text of a file of the container's root, '' when it is none or too large.
 * @param path - absolute, as the container would see it
 */
export async function readInside(root: string, path: string): Promise<string> {
  const resolved = await resolveInside(root, path);
  if (resolved === undefined) return '';
  let file;
  try {
    file = await open(resolved, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ELOOP' || code === 'ENXIO') return '';
    throw error;
  }
  try {
    const stat = await file.stat();
    return stat.isFile() && stat.size <= MAX_FILE_BYTES ? await file.readFile('utf8') : '';
  } finally {
    await file.close();
  }
}

/** The host's path of what the container sees at `path`; undefined when it is missing or its links do not end. */
export async function resolveInside(root: string, path: string): Promise<string | undefined> {
  const todo = path.split('/').reverse();
  const done: string[] = [];
  let links = 0;
  while (todo.length > 0) {
    const part = todo.pop()!;
    if (part === '' || part === '.') continue;
    if (part === '..') {
      done.pop();
      continue;
    }
    const full = join(root, ...done, part);
    let stat;
    try {
      stat = await lstat(full);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return undefined;
      throw error;
    }
    if (!stat.isSymbolicLink()) {
      done.push(part);
      continue;
    }
    if (++links > MAX_LINKS) return undefined;
    const target = await readlink(full);
    if (target.startsWith('/')) done.length = 0;
    todo.push(...target.split('/').reverse());
  }
  return join(root, ...done);
}

function parseTable(text: string, fewestFields: number): readonly (readonly string[])[] {
  return text
    .split('\n')
    .map((line) => line.trim().split(':'))
    .filter((fields) => fields.length >= fewestFields && fields[0] !== '' && isNumber(fields[2]));
}

function isNumber(text: string): boolean {
  return /^\d{1,10}$/.test(text);
}

function toId(text: string): number {
  const id = Number(text);
  if (!isNumber(text) || id > MAX_ID)
    throw new InvalidContainerError(`"${text}" is no user or group number; they end at ${MAX_ID}.`);
  return id;
}
