import type { MessageKey } from '../../language/en.data.ts';
import type { MachineCertificate, MachineDatabase, MachineReport } from './report.ts';

/** How something is; `advice` is what to do where it is not good. */
export interface Judgement {
  readonly tone: 'good' | 'warn' | 'bad';
  readonly advice?: MessageKey;
}

const good: Judgement = { tone: 'good' };
const dayMs = 86_400_000;

/** A base backup is made each day; later than this one has failed at least once. */
const backupDueMs = 2 * dayMs;
/** Automatic ones are renewed 30 days before their end. */
const renewalDueMs = 14 * dayMs;
const urgentMs = 3 * dayMs;

const byShare = (available: number, total: number, advice: MessageKey): Judgement => {
  const share = total === 0 ? 0 : available / total;
  if (share < 0.05) return { tone: 'bad', advice };
  return share < 0.15 ? { tone: 'warn', advice } : good;
};

export const judgeDisk = ({ disk }: MachineReport): Judgement => byShare(disk.available, disk.total, 'adviceDisk');

export const judgeMemory = ({ memory }: MachineReport): Judgement =>
  byShare(memory.available, memory.total, 'adviceMemory');

/** By the load of the last fifteen minutes: a short peak is nobody's trouble. */
export const judgeLoad = ({ cpu }: MachineReport): Judgement => {
  const load = (cpu.load_avg[2] ?? 0) / Math.max(1, cpu.count);
  return load > 2 ? { tone: 'warn', advice: 'adviceLoad' } : good;
};

/** Without an engine, apps of the container stack wait; with `--driver docker` all do. */
export const judgeEngine = ({ engine, driver }: MachineReport): Judgement =>
  engine.answers ? good : { tone: driver === 'docker' ? 'bad' : 'warn', advice: 'adviceEngine' };

export const judgeRouter = ({ router }: MachineReport): Judgement => {
  if (router.connected >= router.workers) return good;
  return { tone: router.connected === 0 ? 'bad' : 'warn', advice: 'adviceRouter' };
};

export const judgeCertificate = (certificate: MachineCertificate, nowMs: number): Judgement => {
  const leftMs = Date.parse(certificate.expires_at) - nowMs;
  const advice = certificate.acm ? 'adviceAcm' : 'adviceCertificate';
  if (leftMs < urgentMs) return { tone: 'bad', advice };
  return leftMs < renewalDueMs || certificate.problem !== null ? { tone: 'warn', advice } : good;
};

export const judgeDatabase = ({ backed_up_at: at, trouble, drill }: MachineDatabase, nowMs: number): Judgement => {
  if (drill?.succeeded === false) return { tone: 'bad', advice: 'adviceDrill' };
  if (trouble !== null) return { tone: 'bad', advice: 'adviceTrouble' };
  if (at === null) return { tone: 'warn', advice: 'adviceFirstBackup' };
  return nowMs - Date.parse(at) > backupDueMs ? { tone: 'warn', advice: 'adviceTrouble' } : good;
};
