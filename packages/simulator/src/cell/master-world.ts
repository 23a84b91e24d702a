/**
 * What a master finds and leaves behind: everything of a cell that a crash of the control plane does not touch.
 */
import type { AgentFleet } from './agent-fleet.ts';
import type { CellRecorder } from './cell-recorder.ts';
import type { LifeCycles } from './life-cycles.ts';
import type { CellScenario, PlacementPolicy } from './scenario.ts';
import type { ScenarioSettings } from './scenario-settings.ts';
import type { TaskRequests } from './task-requests.ts';
import type { TaskStore } from './task-store.ts';
import type { VirtualClock } from './virtual-clock.ts';

export interface MasterWorld {
  readonly clock: VirtualClock;
  readonly scenario: CellScenario;
  readonly settings: ScenarioSettings;
  readonly store: TaskStore;
  readonly fleet: AgentFleet;
  readonly requests: TaskRequests;
  readonly lifeCycles: LifeCycles;
  readonly recorder: CellRecorder;
  /** In force now. */
  placement: PlacementPolicy;
}
