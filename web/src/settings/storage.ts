/** What the browser remembers for us; a browser that forbids storage simply forgets. */

const prefix = "wenyuan.";

export function recall(key: string): string | null {
  try {
    return localStorage.getItem(prefix + key);
  } catch {
    return null;
  }
}

export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(prefix + key, value);
  } catch {
    // Forgotten at the next visit; nothing else is lost.
  }
}

export function recallForSession(key: string): string | null {
  try {
    return sessionStorage.getItem(prefix + key);
  } catch {
    return null;
  }
}

export function rememberForSession(key: string, value: string): void {
  try {
    sessionStorage.setItem(prefix + key, value);
  } catch {
    // As above.
  }
}
