/** What users, groups and devices may be called. Names stand in paths, in commits and in addresses of calendars. */

/** Lower case only, so that two accounts never differ by case alone; an e-mail address is a name as well. */
const name = /^[a-z0-9][a-z0-9._@+-]{0,63}$/;
/** For people; no control characters, since it stands in logs and commits. */
const text = /^\P{Cc}{1,128}$/u;
const address = /^[^\s@<>]{1,64}@[^\s@<>]{1,190}$/u;

export function isAccountName(value: string): boolean {
  return name.test(value) && !value.includes('..');
}

export function isDisplayName(value: string): boolean {
  return text.test(value) && value.trim() !== '';
}

export function isEmailAddress(value: string): boolean {
  return address.test(value);
}

export const nameRule =
  'a name has 1 to 64 of a-z, 0-9, ".", "_", "@", "+" and "-", and begins with a letter or digit';
