import { Injectable } from '@nestjs/common';

/** The application's time. Everything that asks for the time asks here, so that tests can move it. */
@Injectable()
export class Clock {
  now(): Date {
    return new Date();
  }
}
