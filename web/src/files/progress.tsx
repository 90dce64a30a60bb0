/** A hairline that fills with ink; `value` from 0 to 1. */
export function Progress({ label, value }: { label: string; value: number }) {
  return <progress aria-label={label} max={1} value={Math.min(1, Math.max(0, value))} />;
}
