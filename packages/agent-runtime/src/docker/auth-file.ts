/**
 * Credentials of registries from a file as `docker login`, `podman login` and `skopeo login` write it, read anew for each
 * pull: they may be changed while the agent runs. Understood is what skopeo understands, so that one file serves both
 * backends: `auths` with keys down to a single repository, and `credHelpers`; not `credsStore`.
 * Source: containers-auth.json(5), and the protocol of docker-credential-helpers.
 */
import { readFile } from 'node:fs/promises';
import { registryOf } from '../contract/image-reference.ts';
import { CommandError, runCommand } from '../host/run-command.ts';
import type { RegistryCredentials } from './engine-calls.ts';

/** What the engine takes: a token in the place of name and password where a registry gives them. */
interface EngineCredentials extends RegistryCredentials {
  readonly identitytoken?: string;
}

interface AuthFile {
  readonly auths?: Readonly<Record<string, AuthEntry>>;
  readonly credHelpers?: Readonly<Record<string, string>>;
}

interface AuthEntry {
  /** `name:password` in base64; absent when a helper has them. */
  readonly auth?: string;
  readonly identitytoken?: string;
}

/** What helpers say in the place of a name when the secret is a token. */
const TOKEN_USER = '<token>';
/** What they answer, with an exit code that is not 0, when nobody has logged in. */
const NOT_LOGGED_IN = 'credentials not found in native keychain';

/**
 * @param path of the file
 * @returns for a repository, as `host[:port]/path`, the credentials of the closest entry; undefined when there is none
 * @throws Error when the file or a helper cannot be used; another pull may find it mended
 */
export function authFileCredentials(
  path: string,
): (repository: string) => Promise<EngineCredentials | undefined> {
  return async (repository) => {
    const { auths = {}, credHelpers = {} } = await readAuthFile(path);
    const registry = repository.slice(0, repository.indexOf('/'));
    const helper = Object.entries(credHelpers).find(([key]) => placeOf(key) === registry);
    if (helper !== undefined) return askHelper(helper[1], helper[0]);
    const entries = new Map(Object.entries(auths).map(([key, entry]) => [placeOf(key), entry]));
    for (let place = repository; ; place = place.slice(0, place.lastIndexOf('/'))) {
      const entry = entries.get(place);
      if (entry !== undefined) return credentialsOf(entry, `${path}: the entry of ${place}`);
      if (place === registry) return undefined;
    }
  };
}

async function readAuthFile(path: string): Promise<AuthFile> {
  const complaint = `${path} is no JSON. Write it with docker login, or as containers-auth.json(5) says.`;
  return parse<AuthFile>(await readFile(path, 'utf8'), complaint);
}

/** The parser's own error quotes what it has read, and those are secrets. */
function parse<T>(text: string, complaint: string): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new Error(complaint);
  }
}

/** Keys with a scheme are of older times and mean the whole host, as `https://index.docker.io/v1/`. */
function placeOf(key: string): string {
  const bare = key.replace(/^https?:\/\//, '');
  const [host, ...path] = bare.split('/');
  return [registryOf(host), ...(bare === key ? path : [])].join('/');
}

function credentialsOf({ auth, identitytoken }: AuthEntry, where: string): EngineCredentials | undefined {
  if (!auth && !identitytoken) return undefined;
  const text = Buffer.from(auth ?? '', 'base64').toString();
  const at = text.indexOf(':');
  if (at < 0 && !identitytoken) throw new Error(`${where} has no name:password in base64. Log in again.`);
  return {
    username: text.slice(0, Math.max(at, 0)),
    // Docker has written passwords padded with zero bytes.
    password: text.slice(at + 1).replace(/\0+$/, ''),
    ...(identitytoken && { identitytoken }),
  };
}

async function askHelper(name: string, server: string): Promise<EngineCredentials | undefined> {
  const program = `docker-credential-${name}`;
  let text: string;
  try {
    text = (await runCommand(program, ['get'], { input: server })).stdout;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    if (error.stdout.trim() === NOT_LOGGED_IN) return undefined;
    throw new Error(`${program} gives no credentials for ${server}: ${error.message}`, { cause: error });
  }
  const { Username: username, Secret: secret } = parse<Readonly<Record<string, unknown>>>(
    text,
    `${program} answers with what is no JSON for ${server}.`,
  );
  if (typeof username !== 'string' || typeof secret !== 'string')
    throw new Error(`${program} gives no Username and Secret for ${server}.`);
  return username === TOKEN_USER
    ? { username: '', password: '', identitytoken: secret }
    : { username, password: secret };
}
