// Values of PROCESSING_CRON.

export const EVERY_SECOND = '* * * * * *';

/** At the start of 29 February: the job runs when a test requests it. */
export const NEVER = '0 0 0 29 2 *';
