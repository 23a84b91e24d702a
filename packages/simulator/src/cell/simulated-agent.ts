/**
 * What one agent is and has: its place, its images, its interfaces, its containers. It decides nothing; `AgentFleet`
 * lets its containers live. Images and labels of interfaces outlive the containers that brought them.
 */
import type { Life } from './life-cycles.ts';
import type { CellAgentShape, CellPool } from './scenario.ts';

/** An order to run a task. */
export interface ContainerOrder {
  readonly taskId: string;
  readonly image: string;
  readonly securityGroups: string;
  /** Number of the interface that was booked. */
  readonly slot: number;
  readonly life: Life;
}

export interface Container extends ContainerOrder {
  readonly agent: SimulatedAgent;
  stage: 'launched' | 'preparing' | 'start-initiated' | 'started' | 'killing' | 'ended';
  /** Of those that wait to be prepared, the next one comes when one of these is done. */
  isPreparing: boolean;
  /** Calls off what would happen next. */
  callOff: (() => void) | undefined;
}

/** One network interface. */
interface Interface {
  label: string | undefined;
  addresses: number;
  /** When it serves its label; undefined = nobody has asked for that. */
  readyAtMs: number | undefined;
  /** Whether it had another label before. */
  isRebound: boolean;
}

const DEFAULT_INTERFACES = { slots: 7, addresses: 29 };

export class SimulatedAgent {
  readonly id: string;
  readonly pool: CellPool;
  readonly shape: CellAgentShape;
  readonly zone: string;
  readonly interfaces: readonly Interface[];
  /** When each image is there; the one used least recently comes first. */
  readonly images: Map<string, number> = new Map();
  /** By task id, until the control plane knows of their end. */
  readonly containers: Map<string, Container> = new Map();
  readonly waiting: Container[] = [];
  preparing = 0;
  /** It has vanished; nobody knows at first. */
  isLost = false;
  isDraining = false;
  /** It is to be replaced: tasks come to it only when no other agent will do. */
  isPhasedOut = false;
  idleSinceMs: number;

  constructor(id: string, pool: CellPool, shape: CellAgentShape, zone: string, nowMs: number) {
    this.id = id;
    this.pool = pool;
    this.shape = shape;
    this.zone = zone;
    this.idleSinceMs = nowMs;
    this.interfaces = Array.from({ length: interfacesOf(shape).slots }, () => ({
      label: undefined,
      addresses: 0,
      readyAtMs: undefined,
      isRebound: false,
    }));
  }

  /** What the agent reports of itself. */
  cached(nowMs: number): Readonly<Record<'image' | 'securityGroup', string[]>> {
    const images = [...this.images].filter(([, readyAtMs]) => readyAtMs <= nowMs).map(([image]) => image);
    const labels = this.interfaces.flatMap(({ label }) => (label === undefined ? [] : [label]));
    return { image: images, securityGroup: [...new Set(labels)] };
  }
}

/** Interfaces of an agent with their default. */
export function interfacesOf({ interfaces = DEFAULT_INTERFACES }: CellAgentShape): typeof DEFAULT_INTERFACES {
  return interfaces;
}
