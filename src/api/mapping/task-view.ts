import { TaskView } from '@reeve/sdk/protocol';
import type { TaskView as DomainView } from '../../ports/task-record.js';

/** @param otherwise what an unspecified view stands for */
export function toDomainView(view: TaskView, otherwise: DomainView): DomainView {
  switch (view) {
    case TaskView.BASIC:
      return 'BASIC';
    case TaskView.RESULT:
      return 'RESULT';
    case TaskView.FULL:
      return 'FULL';
    default:
      return otherwise;
  }
}
