/**
 * Puts the parts of an agent together: checks the options, locks the folder, probes the host, and reads the state. What
 * fails here gives the lock back and has changed nothing but, in a new folder, the identity.
 */
import { AgentError, type FeatureReport } from '@stowage/protocol';
import { setMaxListeners } from 'node:events';
import { mergeFeatures, type ProvidedFeatures } from '../features/feature-report.ts';
import { hostFeatures, type HostFacts } from '../features/host-facts.ts';
import { probeHost } from '../features/host-probe.ts';
import { SYSTEM_CLOCK } from '../host/clock.ts';
import { safeObserver } from './agent-observer.ts';
import type { AgentOptions } from './agent-options.ts';
import { readAgentState, type AgentState } from './agent-state.ts';
import { ClosedError, isStorageError, messageOf, requireInteger } from './errors.ts';
import { Fences } from './fences.ts';
import { Reaper, reaperLimits, type ReaperLimits } from './reaper.ts';
import type { RunnerContext } from './runner-context.ts';
import { sleep } from '../host/sleep.ts';
import { StartQueue } from './start-queue.ts';
import { diskFiles } from './state-files.ts';
import { lockStateFolder, type StateLock } from './state-lock.ts';
import { stepLimits } from './step-limits.ts';
import type { JournalEnvironment } from './task-journal.ts';

export interface AgentParts {
  readonly context: RunnerContext;
  readonly environment: JournalEnvironment;
  readonly state: AgentState;
  readonly features: FeatureReport;
  readonly host: HostFacts;
  readonly fences: Fences;
  readonly reaper: Reaper;
  readonly reaperLimits: ReaperLimits;
  readonly closing: AbortController;
  /** Resolves `context.ready`. */
  readonly onReady: () => void;
  readonly lock: StateLock;
}

/** @throws what `Agent.open` names */
export async function assembleAgent(options: AgentOptions): Promise<AgentParts> {
  const { stateFolder, facilities = [], maxStarting = 8, lock = lockStateFolder } = options;
  const { clock = SYSTEM_CLOCK, files = diskFiles() } = options;
  const limits = stepLimits(options.limits);
  const reaping = reaperLimits(options.reaper);
  requireInteger('maxStarting', maxStarting, 1);
  const names = facilities.map(({ name }) => name);
  if (new Set(names).size < names.length)
    throw new AgentError('INVALID_OPTION', `Two facilities have the same name: ${names.join(', ')}.`);
  const observer = safeObserver(options.observer ?? {});
  const fences = new Fences(observer, () => clock.wallMs());
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);
  const { slowRetryMs } = limits;
  const environment: JournalEnvironment = {
    files,
    folder: `${stateFolder}/tasks`,
    clock,
    slowRetryMs,
    closing: closing.signal,
  };
  const held = await lock(stateFolder);
  try {
    const [host, features] = await probe(options);
    const state = await readAgentState(stateFolder, environment);
    let onReady!: () => void;
    const ready = new Promise<void>((resolve) => (onReady = resolve));
    const durably = async <T>(write: () => Promise<T>): Promise<T> => {
      for (;;) {
        try {
          const value = await write();
          fences.lift('storage');
          return value;
        } catch (error) {
          if (!isStorageError(error)) throw error;
          observer.troubled('write the journal', error);
          fences.put('storage', messageOf(error));
        }
        await sleep(clock, slowRetryMs, closing.signal);
      }
    };
    const context: RunnerContext = {
      backend: options.backend,
      facilities,
      clock,
      limits,
      log: state.log,
      starts: new StartQueue(maxStarting),
      observer,
      planDefaults: {
        agentId: state.file.id,
        hostEnvironment: options.hostEnvironment ?? {},
        maxOpenFiles: host.hardLimits.nofile,
      },
      closing: closing.signal,
      ready,
      stragglers: new Set(),
      durably,
    };
    const reaper = new Reaper(reaping);
    return {
      context,
      environment,
      state,
      features,
      host,
      fences,
      reaper,
      reaperLimits: reaping,
      closing,
      onReady,
      lock: held,
    };
  } catch (error) {
    closing.abort(new ClosedError('The agent could not be opened.'));
    try {
      await held.release();
    } catch (second) {
      throw new AggregateError([error, second], 'The agent could not be opened, nor its folder unlocked.', {
        cause: second,
      });
    }
    throw error;
  }
}

async function probe(options: AgentOptions): Promise<readonly [HostFacts, FeatureReport]> {
  const host = await (options.host ?? probeHost());
  // One after another: a facility may rest on what an earlier one makes.
  const provided: ProvidedFeatures[] = [];
  for (const each of [options.backend, ...(options.facilities ?? [])])
    provided.push({ name: each.name, features: await each.probe() });
  const withheld = Object.entries(options.withheld ?? {}).map(([feature, detail]) => [
    feature,
    { level: 'unavailable', detail },
  ]);
  provided.push({ name: 'operator', features: Object.fromEntries(withheld) as ProvidedFeatures['features'] });
  return [host, mergeFeatures(hostFeatures(host), provided)];
}
