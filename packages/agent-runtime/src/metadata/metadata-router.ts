/**
 * From a request of a known container to an answer; no input or output here. The prefixes are `/latest`, which takes
 * session tokens (IMDSv2), and `/1.0`, which knows none. A request that was forwarded by a proxy, or asks for another
 * host, is refused: a server inside the container must not be talked into fetching credentials for somebody outside.
 */
import { type Answer, refusal, text } from './answer.ts';
import {
  type ContainerIdentity,
  documentTable,
  type DocumentTable,
  type Placement,
} from './metadata-documents.ts';
import { MOST_TOKEN_SECONDS, type SessionTokens } from './session-tokens.ts';

export interface MetadataRequest {
  readonly method: string;
  /** The request target as it came. */
  readonly target: string;
  /** Names in lower case; several values of one name are joined by a comma. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

export type MetadataRouter = (request: MetadataRequest) => Answer | Promise<Answer>;

const TOKEN_PATH = '/latest/api/token';
const TOKEN_HEADER = 'x-aws-ec2-metadata-token';
const TTL_HEADER = 'x-aws-ec2-metadata-token-ttl-seconds';
const HOSTS = new Set<unknown>([
  undefined,
  '169.254.169.254',
  '169.254.169.254:80',
  'instance-data',
  'instance-data.ec2.internal',
]);
const VERSIONS = ['1.0', 'latest'];

export function metadataRouter(
  container: ContainerIdentity,
  placement: Placement | undefined,
  tokens: SessionTokens,
): MetadataRouter {
  const documents = documentTable(container, placement);
  return (request) => {
    const { headers, method, target } = request;
    if (headers['x-forwarded-for'] !== undefined || !HOSTS.has(headers['host'])) return refusal(403);
    if (target === TOKEN_PATH) {
      return method === 'PUT'
        ? issueToken(container.taskId, headers[TTL_HEADER], tokens)
        : refusal(405, { Allow: 'PUT' });
    }
    if (method !== 'GET' && method !== 'HEAD') return refusal(405, { Allow: 'GET, HEAD' });
    const isLatest = target === '/latest' || target.startsWith('/latest/');
    const token = isLatest ? headers[TOKEN_HEADER] : undefined;
    if (token === undefined) return container.requireToken ? refusal(401) : read(documents, target);
    const remaining =
      typeof token === 'string' ? tokens.remainingSeconds(container.taskId, token) : undefined;
    if (remaining === undefined) return refusal(401);
    return withHeader(read(documents, target), TTL_HEADER, String(remaining));
  };
}

function issueToken(taskId: string, ttl: unknown, tokens: SessionTokens): Answer {
  if (typeof ttl !== 'string' || !/^\d{1,5}$/.test(ttl) || Number(ttl) > MOST_TOKEN_SECONDS)
    return refusal(400);
  return text(tokens.issue(taskId, Number(ttl)), { [TTL_HEADER]: ttl });
}

function read(documents: DocumentTable, target: string): Answer | Promise<Answer> {
  if (target === '/') return text(VERSIONS.join('\n'));
  for (const version of VERSIONS) {
    const prefix = `/${version}`;
    if (target.startsWith(prefix)) return documents.get(target.slice(prefix.length))?.() ?? refusal(404);
  }
  return refusal(404);
}

async function withHeader(answer: Answer | Promise<Answer>, name: string, value: string): Promise<Answer> {
  const { headers, ...rest } = await answer;
  return { ...rest, headers: { ...headers, [name]: value } };
}
