/**
 * A fake of EC2 and STS on loopback, for the unmodified SDK. Faults strike before or after the effect of a call: AWS may
 * have carried a call out although its answer never arrived. Answers bear no relation to a real account.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FakeCloud } from './fake-cloud.ts';
import { EC2_ACTIONS } from './fake-ec2-actions.ts';
import { FakeAwsError } from './fake-error.ts';
import {
  ec2Answer,
  ec2ErrorAnswer,
  QueryRequest,
  stsAnswer,
  stsErrorAnswer,
  type XmlValue,
} from './query-protocol.ts';

export type Fault =
  /** The answer is RequestLimitExceeded, nothing is done. */
  | 'throttle'
  /** The connection breaks, nothing is done. */
  | 'reset-before'
  /** The call is carried out and then the connection breaks. */
  | 'reset-after'
  /** The answer is an internal error, nothing is done. */
  | 'error-before'
  /** The call is carried out and the answer is an internal error. */
  | 'error-after';

export interface FakeRole {
  /** Longest session, in seconds. */
  readonly maxSeconds: number;
}

export class FakeAwsServer {
  /** Actions in the order of their arrival. */
  readonly calls: string[] = [];
  /** Asked before every call. */
  faultFor: (action: string) => Fault | undefined = () => undefined;
  /** Actions that the caller may not use. */
  readonly forbidden: Set<string> = new Set();
  readonly roles: Map<string, FakeRole> = new Map();
  /** Waited for after every call that was carried out, before its answer. */
  carriedOut: (action: string) => Promise<void> = async () => undefined;
  readonly cloud: FakeCloud;
  /** Calls that the account may make at once, and how many come back per second. */
  rate: { readonly capacity: number; readonly perSecond: number } | undefined;
  readonly #server: Server;
  #requests = 0;
  #tokens = 0;
  #refilledAtMs = -Infinity;

  private constructor(cloud: FakeCloud, server: Server) {
    this.cloud = cloud;
    this.#server = server;
  }

  static async start(cloud: FakeCloud): Promise<FakeAwsServer> {
    const server = createServer((request, response) => void fake.#serve(request, response));
    // A connection that is closed just when the SDK uses it again would be a fault that no test has asked for.
    server.keepAliveTimeout = 600_000;
    const fake = new FakeAwsServer(cloud, server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  /** As options of a client of the SDK. */
  get clientOptions(): {
    region: string;
    endpoint: string;
    credentials: { accessKeyId: string; secretAccessKey: string };
  } {
    return {
      region: 'eu-west-1',
      endpoint: `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`,
      credentials: { accessKeyId: 'AKIAFAKE', secretAccessKey: 'fake' },
    };
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of incoming) body += String(chunk);
    const request = new QueryRequest(body);
    const { action } = request;
    this.calls.push(action);
    const requestId = `request-${++this.#requests}`;
    const fault = this.faultFor(action);
    if (fault === 'reset-before') return void incoming.socket.destroy();

    const isSts = action === 'AssumeRole';
    const errorAnswer = isSts ? stsErrorAnswer : ec2ErrorAnswer;
    let answer: string;
    let status = 200;
    try {
      if (fault === 'throttle' || !this.#takeToken())
        throw new FakeAwsError('RequestLimitExceeded', 'Request limit exceeded.', 503);
      if (fault === 'error-before')
        throw new FakeAwsError('InternalError', 'An internal error has occurred', 500);
      this.#authorize(action, incoming, isSts);
      const result = isSts ? this.#assumeRole(request) : actionOf(action)(this.cloud, request);
      await this.carriedOut(action);
      if (fault === 'error-after')
        throw new FakeAwsError('InternalError', 'An internal error has occurred', 500);
      answer = isSts ? stsAnswer(action, requestId, result) : ec2Answer(action, requestId, result);
    } catch (error) {
      if (!(error instanceof FakeAwsError)) throw error;
      status = error.status;
      answer = errorAnswer(requestId, error.code, error.message);
    }
    if (fault === 'reset-after') return void incoming.socket.destroy();
    response.writeHead(status, { 'content-type': 'text/xml;charset=UTF-8' }).end(answer);
  }

  /** A token bucket, as EC2 limits the rate of calls ("Request throttling for the Amazon EC2 API"). */
  #takeToken(): boolean {
    if (this.rate === undefined) return true;
    const { capacity, perSecond } = this.rate;
    const nowMs = this.cloud.nowMs();
    const refilled = this.#tokens + ((nowMs - this.#refilledAtMs) / 1000) * perSecond;
    this.#tokens = Math.min(capacity, refilled);
    this.#refilledAtMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  #authorize(action: string, { headers }: IncomingMessage, isSts: boolean): void {
    if (!headers.authorization?.startsWith('AWS4-HMAC-SHA256 Credential=AKIAFAKE/')) {
      throw new FakeAwsError(
        'AuthFailure',
        'AWS was not able to validate the provided access credentials',
        401,
      );
    }
    if (!this.forbidden.has(action)) return;
    throw isSts
      ? new FakeAwsError('AccessDenied', `User is not authorized to perform: sts:${action}`, 403)
      : new FakeAwsError('UnauthorizedOperation', 'You are not authorized to perform this operation.', 403);
  }

  #assumeRole(request: QueryRequest): XmlValue {
    const arn = request.required('RoleArn');
    const session = request.required('RoleSessionName');
    const seconds = Number(request.required('DurationSeconds'));
    const role = this.roles.get(arn);
    if (role === undefined) {
      throw new FakeAwsError(
        'AccessDenied',
        `Not authorized to perform: sts:AssumeRole on resource: ${arn}`,
        403,
      );
    }
    if (!/^[\w+=,.@-]{2,64}$/.test(session) || seconds < 900 || seconds > role.maxSeconds) {
      throw new FakeAwsError(
        'ValidationError',
        'The requested DurationSeconds or RoleSessionName is not valid.',
      );
    }
    return {
      Credentials: {
        AccessKeyId: `ASIA${this.#requests}`,
        SecretAccessKey: `secret of ${session} & <others>`,
        SessionToken: `token of ${arn}`,
        Expiration: new Date(this.cloud.nowMs() + seconds * 1000).toISOString(),
      },
      AssumedRoleUser: { Arn: `${arn}/${session}`, AssumedRoleId: `AROA:${session}` },
    };
  }
}

function actionOf(action: string): (typeof EC2_ACTIONS)[string] {
  const found = EC2_ACTIONS[action];
  if (found === undefined) {
    throw new FakeAwsError('InvalidAction', `The action ${action} is not valid for this web service.`);
  }
  return found;
}
