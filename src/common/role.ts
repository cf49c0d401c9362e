/** What an account may do; an admin also sees and steers what belongs to others. */
export const ROLES = ['customer', 'admin'] as const;

export type Role = (typeof ROLES)[number];
