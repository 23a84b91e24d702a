/**
 * Everything that a state folder holds, read once when an agent opens. A journal that is damaged costs that task
 * alone: it is set aside where it lies, named, and never deleted.
 */
import type { TaskStatus } from '@stowage/protocol';
import { readAgentFile, writeAgentFile, type AgentFile } from './agent-file.ts';
import { messageOf } from './errors.ts';
import { StatusLog } from './status-log.ts';
import {
  DamagedJournalError,
  TaskJournal,
  journalPath,
  journaledTaskIds,
  type JournalEnvironment,
} from './task-journal.ts';

export interface AgentState {
  readonly file: AgentFile;
  readonly log: StatusLog;
  readonly journals: readonly TaskJournal[];
  readonly quarantined: ReadonlyMap<string, { readonly path: string; readonly reason: string }>;
}

/** @throws AgentError `STATE_FOLDER_DAMAGED`, `STATE_NOT_WRITTEN`; errors of the disk as they are */
export async function readAgentState(
  stateFolder: string,
  environment: JournalEnvironment,
): Promise<AgentState> {
  const file = await readAgentFile(environment.files, stateFolder);
  const journals: TaskJournal[] = [];
  const quarantined = new Map<string, { path: string; reason: string }>();
  const taken = new Set<number>();
  for (const taskId of await journaledTaskIds(environment)) {
    try {
      const journal = await TaskJournal.open(environment, taskId);
      const sequences = journal.record.statuses.map(({ sequence }) => sequence);
      if (sequences.some((sequence) => taken.has(sequence)))
        throw new DamagedJournalError('It holds sequences that another journal holds, too.');
      for (const sequence of sequences) taken.add(sequence);
      journals.push(journal);
    } catch (error) {
      if (!(error instanceof DamagedJournalError)) throw error;
      const path = journalPath(environment.folder, taskId);
      quarantined.set(taskId, { path, reason: messageOf(error) });
    }
  }
  const log = new StatusLog({
    marks: file,
    writeMarks: ({ expiredTo, reservedTo }) =>
      writeAgentFile(environment.files, stateFolder, { ...file, expiredTo, reservedTo }),
    statuses: journals.flatMap(({ record }): readonly TaskStatus[] => record.statuses),
    incomplete: quarantined.size > 0,
    closing: environment.closing,
  });
  if (quarantined.size > 0) await log.keepMarks();
  return { file, log, journals, quarantined };
}
