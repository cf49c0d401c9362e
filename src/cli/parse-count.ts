import { InvalidArgumentError } from 'commander';

/** The parser of an option that is an integer, from `min` to `max`. */
export function parseCount(min: number, max: number): (value: string) => number {
  return (value) => {
    const number = /^\d+$/.test(value) ? Number(value) : NaN;
    if (number >= min && number <= max) return number;
    throw new InvalidArgumentError(`It is an integer from ${min} to ${max}.`);
  };
}
