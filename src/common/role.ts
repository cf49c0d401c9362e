/** The permissions of an account. Admins can read and change the orders of all users. */
export const ROLES = ['customer', 'admin'] as const;

export type Role = (typeof ROLES)[number];
