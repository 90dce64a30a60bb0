import { createContext, use, useCallback, useMemo, useState, type ReactNode } from "react";

/** One polite live region for the page: what changed where the eye may not be. */

const Announce = createContext<(message: string) => void>(() => undefined);

export function useAnnounce(): (message: string) => void {
  return use(Announce);
}

export function Announcer({ children }: { children: ReactNode }) {
  const [message, setMessage] = useState("");
  const announce = useCallback((next: string) => setMessage(next), []);
  const region = useMemo(
    () => (
      <div className="visually-hidden" role="status" aria-live="polite">
        {message}
      </div>
    ),
    [message],
  );
  return (
    <Announce value={announce}>
      {children}
      {region}
    </Announce>
  );
}
