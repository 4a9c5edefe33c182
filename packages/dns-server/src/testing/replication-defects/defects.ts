/** All defects, in the order of the specification: what is asked for, how it is signed, told, sent and kept. */
import type { Defect } from './defect.ts';
import { notifyDefects } from './notify-defects.ts';
import { secondaryDefects } from './secondary-defects.ts';
import { historyDefects, incomingDefects, outgoingDefects } from './transfer-defects.ts';
import { tsigDefects } from './tsig-defects.ts';
import { updateDefects } from './update-defects.ts';

export const defects: readonly Defect[] = [
  ...updateDefects,
  ...tsigDefects,
  ...notifyDefects,
  ...outgoingDefects,
  ...historyDefects,
  ...incomingDefects,
  ...secondaryDefects,
];
