import type { AlertOperators } from '../ports.ts';

/** Passes alerts on once the operators' channel is connected; what comes before that is dropped. */
export class AlertRelay {
  private target: AlertOperators | undefined;

  connect(target: AlertOperators): void {
    this.target = target;
  }

  alert: AlertOperators = (...args) => this.target?.(...args);
}
