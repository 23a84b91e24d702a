/** Commands by the engine's exec: answers that are cut or refused, and the end of a command that is given up. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runInContainer } from '../../src/docker/container-command.ts';
import { EngineCalls } from '../../src/docker/engine-calls.ts';
import { EngineClient } from '../../src/docker/engine-client.ts';
import type { EngineContainer, EngineExec } from '../../src/docker/engine-types.ts';
import type { CommandEnd } from '../../src/contract/container-backend.ts';
import { type Answer, FakeEngine, json } from './fake-engine.ts';

const never = new AbortController().signal;
const ENDED: EngineExec = { Running: false, ExitCode: 3, Pid: 0 };
const NOT_RUN: EngineExec = { Running: false, ExitCode: null, Pid: 0 };

let engine: FakeEngine;
let client: EngineClient;
/** What the engine says of the command, one answer after the other; the last goes on. */
let states: EngineExec[];
let start: Answer;
const commands: ChildProcess[] = [];

beforeEach(async () => {
  states = [ENDED];
  start = (_, response) => response.writeHead(200).end(Buffer.concat([frame('out'), frame('err', 2)]));
  engine = await FakeEngine.start((request, response) => {
    if (request.path === '/containers/the-id/exec') json(response, 201, { Id: 'exec-id' });
    else if (request.path === '/exec/exec-id/start') start(request, response);
    else if (request.path === '/exec/exec-id/json')
      json(response, 200, states.length > 1 ? states.shift() : states[0]);
    else json(response, 404, { message: `no ${request.path}` });
  });
  client = new EngineClient({ socketPath: engine.socketPath, timeoutMs: 1_000 });
});

afterEach(() => {
  client.close();
  for (const command of commands.splice(0)) command.kill('SIGKILL');
});

function run(signal: AbortSignal = never, firstPid: number = process.pid): Promise<CommandEnd> {
  const container = { Id: 'the-id', State: { Pid: firstPid } } as unknown as EngineContainer;
  return runInContainer(new EngineCalls(client), container, ['a', 'b c'], () => delay(1), signal);
}

function frame(text: string, stream = 1): Buffer {
  const header = Buffer.from([stream, 0, 0, 0, 0, 0, 0, text.length]);
  return Buffer.concat([header, Buffer.from(text)]);
}

/** A process of this test that stands for the command. */
async function command(): Promise<{ readonly state: EngineExec; readonly ended: Promise<unknown> }> {
  const child = spawn('sleep', ['1000'], { detached: true });
  await once(child, 'spawn');
  commands.push(child);
  return { state: { Running: true, Pid: child.pid! }, ended: once(child, 'exit') };
}

test('the end and the output of both streams', async () => {
  states = [{ Running: true, ExitCode: null, Pid: 5 }, NOT_RUN, ENDED];
  expect(await run()).toEqual({ exitCode: 3, output: 'outerr' });
  const [create, started] = engine.requests;
  expect(JSON.parse(create.body)).toEqual({
    Cmd: ['a', 'b c'],
    AttachStdin: false,
    AttachStdout: true,
    AttachStderr: true,
    Tty: false,
  });
  expect(JSON.parse(started.body)).toEqual({ Detach: false, Tty: false });
});

test.each<[string, Answer, string]>([
  [
    'that is cut within a frame',
    (_, response) => response.writeHead(200).end(frame('half').subarray(0, 10)),
    '',
  ],
  [
    'that is cut after output',
    (_, response) => void response.writeHead(200).write(frame('out'), () => response.destroy()),
    'out',
  ],
  ['that does not come', (_, response) => void response.destroy(), ''],
  ['of a second request', (_, response) => json(response, 409, { message: 'is already running' }), ''],
])('an answer %s is no end: the engine tells it', async (_, answer, output) => {
  start = answer;
  states = [{ Running: true, ExitCode: null, Pid: 5 }, ENDED];
  expect(await run()).toEqual({ exitCode: 3, output });
});

test('a command that the engine refuses, never ran or knows no more is an error', async () => {
  start = (_, response) => json(response, 500, { message: 'no room' });
  await expect(run()).rejects.toThrow('no room');
  start = (_, response) => void response.destroy();
  states = [NOT_RUN];
  await expect(run()).rejects.toThrow('failed at the engine');
  engine.answer = (_, response) => json(response, 409, { message: 'container is not running' });
  await expect(run()).rejects.toThrow('is not running');
});

test('an abort ends the process, also when the engine brings it about only later', async () => {
  const { state, ended } = await command();
  const abort = new AbortController();
  start = (_, response) => {
    response.writeHead(200).flushHeaders();
    setTimeout(() => abort.abort(new Error('enough')), 10);
  };
  states = [NOT_RUN, { Running: true, Pid: 0 }, state, state, { Running: false, ExitCode: 137, Pid: 0 }];
  await expect(run(abort.signal)).rejects.toThrow('enough');
  expect(await ended).toEqual([null, 'SIGKILL']);
});

test('an abort touches no process outside the container, and does not need the engine', async () => {
  const { state } = await command();
  const abort = new AbortController();
  start = (_, response) => {
    response.writeHead(200).flushHeaders();
    setTimeout(() => abort.abort(new Error('enough')), 10);
  };
  states = [state, state, ENDED];
  const gone = spawn('true');
  await once(gone, 'exit');
  await expect(run(abort.signal, gone.pid)).rejects.toThrow('enough');
  expect(commands[0].signalCode).toBe(null);
  const again = new AbortController();
  start = (_, response) => {
    engine.answer = (_request, late) => void late.destroy();
    response.writeHead(200).flushHeaders();
    setTimeout(() => again.abort(new Error('again')), 10);
  };
  await expect(run(again.signal)).rejects.toThrow('again');
});
