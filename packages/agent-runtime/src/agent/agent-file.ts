/**
 * `agent.json` of a state folder: the agent's identity, which its containers carry, and two marks of the status log.
 * `expiredTo` is the highest sequence that was forgotten; `reservedTo` is above every sequence that was ever used, so
 * that none is used twice even when a journal was damaged.
 */
import { AgentError } from '@stowage/protocol';
import { randomUUID } from 'node:crypto';
import { messageOf } from './errors.ts';
import { diskFiles, type StateFiles } from './state-files.ts';

export interface SequenceMarks {
  readonly expiredTo: number;
  readonly reservedTo: number;
}

export interface AgentFile extends SequenceMarks {
  readonly version: 1;
  /** Twelve hexadecimal digits: short enough for the name of a cgroup or a container. */
  readonly id: string;
}

function agentPath(stateFolder: string): string {
  return `${stateFolder}/agent.json`;
}

export async function writeAgentFile(
  files: StateFiles,
  stateFolder: string,
  content: AgentFile,
): Promise<void> {
  try {
    await files.write(agentPath(stateFolder), JSON.stringify(content) + '\n');
  } catch (error) {
    throw new AgentError(
      'STATE_NOT_WRITTEN',
      `${agentPath(stateFolder)} could not be written (${messageOf(error)}). Free space on the disk or repair it.`,
      error,
    );
  }
}

/** @throws AgentError `STATE_FOLDER_DAMAGED`, `STATE_NOT_WRITTEN` */
export async function readAgentFile(files: StateFiles, stateFolder: string): Promise<AgentFile> {
  const text = await files.read(agentPath(stateFolder));
  if (text === undefined) {
    if ((await files.list(`${stateFolder}/tasks`)).length > 0)
      throw damaged(stateFolder, 'is missing, although there are journals');
    const fresh: AgentFile = {
      version: 1,
      id: randomUUID().replaceAll('-', '').slice(0, 12),
      expiredTo: 0,
      reservedTo: 0,
    };
    await writeAgentFile(files, stateFolder, fresh);
    return fresh;
  }
  let content: Partial<AgentFile> | null;
  try {
    content = JSON.parse(text) as Partial<AgentFile> | null;
  } catch (error) {
    throw damaged(stateFolder, 'is no JSON', error);
  }
  if (
    content?.version !== 1 ||
    !/^[0-9a-f]{12}$/.test(content.id ?? '') ||
    !Number.isSafeInteger(content.expiredTo) ||
    !Number.isSafeInteger(content.reservedTo)
  )
    throw damaged(stateFolder, 'does not hold an identity that this agent can read');
  return content as AgentFile;
}

/**
 * The identity of the agent of a state folder, which is made if there is none: what a backend needs to know its own
 * containers before there is an agent. Not while another process may call it for the first time.
 * @throws AgentError `STATE_FOLDER_DAMAGED`, `STATE_NOT_WRITTEN`
 * @public
 */
export async function agentId(stateFolder: string): Promise<string> {
  return (await readAgentFile(diskFiles(), stateFolder)).id;
}

function damaged(stateFolder: string, how: string, cause?: unknown): AgentError {
  return new AgentError(
    'STATE_FOLDER_DAMAGED',
    `${agentPath(stateFolder)} ${how}. Restore it from a copy: an agent with a new identity would not know its containers.`,
    cause,
  );
}
