/** The Linux agent: turns a host into an agent that runs tasks in real containers. */
export type {
  ContainerBackend,
  ContainerExit,
  FoundContainer,
  LiveContainer,
} from './contract/container-backend.ts';
export { InvalidContainerError } from './contract/container-backend.ts';
export type {
  ContainerMount,
  ContainerSecurity,
  ContainerSpec,
  CpuLimits,
  Image,
  LogPolicy,
} from './contract/container-spec.ts';
export type { Contribution, Facility } from './contract/facility.ts';
