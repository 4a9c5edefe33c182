/**
 * Bounds the work of one expansion. A step is one period of a rule, one day that is looked at, or one
 * time that comes out; each costs tens of nanoseconds.
 */
export type Budget = {
  stepsLeft: number;
  /** Set once a step was wanted that was not there: what was computed since is not complete. */
  spent: boolean;
};

/** About 10 ms. A daily event of 270 years fits; no honest object comes near. */
export const defaultMaxSteps = 100_000;

export function makeBudget(steps: number = defaultMaxSteps): Budget {
  return { stepsLeft: steps, spent: false };
}

/** False once the budget is spent. */
export function take(budget: Budget, steps: number): boolean {
  budget.stepsLeft -= steps;
  if (budget.stepsLeft >= 0) return true;
  budget.spent = true;
  return false;
}
