import type { ReactNode } from "react";

interface ChipProps {
  checked: boolean;
  onChange: () => void;
  children: ReactNode;
}

/** One of several that may hold at once; a check box underneath. */
export function Chip({ checked, onChange, children }: ChipProps) {
  return (
    <label className="chip">
      <input type="checkbox" className="visually-hidden" checked={checked} onChange={onChange} />
      <span>{children}</span>
    </label>
  );
}
