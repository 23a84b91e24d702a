/**
 * What a policy is told about times: how long a machine that arrives is expected to run, and when hosts are expected to
 * fall empty. Machines are known by their index in the trace.
 */
import { ExpectedExit, type RunTimeModel } from '@stowage/fitness';

export interface ExitForecast {
  /** Whether the exits of hosts move when nothing but time has passed. */
  readonly changesWithTime: boolean;
  /** Seconds that a machine which arrives now is expected to run. */
  runTimeS(vm: number): number;
  /** The forecast of a new host. */
  host(): HostForecast;
  /** Told once in every bin, before machines arrive, with all machines that run. */
  advance?(nowS: number, running: Iterable<number>): void;
  ended?(vm: number, nowS: number): void;
}

export interface HostForecast {
  /** When the host is expected to fall empty, in seconds since the beginning. */
  readonly exitS: number;
  placed(vm: number, nowS: number): void;
  /** Forecasts anew, after time has passed or machines have moved. */
  refresh(vms: Iterable<number>, nowS: number): void;
}

/** Nobody errs: the exit of a host is the latest end of its machines. */
export function exactForecast(arrivalS: ArrayLike<number>, runTimeS: (vm: number) => number): ExitForecast {
  return {
    changesWithTime: false,
    runTimeS,
    host: () => {
      let exitS = 0;
      const placed = (vm: number): void => {
        exitS = Math.max(exitS, arrivalS[vm] + runTimeS(vm));
      };
      return {
        get exitS() {
          return exitS;
        },
        placed,
        refresh(vms) {
          exitS = 0;
          for (const vm of vms) placed(vm);
        },
      };
    },
  };
}

/** How machines are seen by a model of run times. */
export interface ModelledMachines<Task> {
  readonly model: RunTimeModel<Task>;
  readonly arrivalS: ArrayLike<number>;
  readonly taskOf: (vm: number) => Task;
  /** Machines of one group are expected to end together. */
  readonly groupOf: (vm: number) => number;
  readonly runTimeS: (vm: number) => number;
}

/** Means of what a model says. */
export function expectedForecast<Task>(machines: ModelledMachines<Task>): ExitForecast {
  const { model, arrivalS, taskOf, groupOf, runTimeS } = machines;
  return {
    changesWithTime: true,
    runTimeS: (vm) => rounded(runTimeS(vm)),
    host: () => {
      const exit = new ExpectedExit(model);
      const groups = new Set<number>();
      let exitS = 0;
      const add = (vm: number, nowS: number): void => {
        if (groups.has(groupOf(vm))) return;
        groups.add(groupOf(vm));
        exit.add(taskOf(vm), nowS - arrivalS[vm]);
      };
      return {
        get exitS() {
          return exitS;
        },
        placed(vm, nowS) {
          add(vm, nowS);
          exitS = nowS + exit.occupiedS;
        },
        refresh(vms, nowS) {
          groups.clear();
          exit.clear();
          for (const vm of vms) add(vm, nowS);
          exitS = nowS + exit.occupiedS;
        },
      };
    },
  };
}

/** Run times in steps of a quarter of a doubling, so that machines share task classes. */
function rounded(runTimeS: number): number {
  return Math.max(1, Math.round(2 ** (Math.round(4 * Math.log2(runTimeS)) / 4)));
}
