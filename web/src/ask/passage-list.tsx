import { PassageRow } from "../search/passage-row";
import { useSource, type Passage } from "../source/source-context";

/** Passages that open in the source reader, where one can step through the same list. */
export function PassageList({ passages }: { passages: readonly Passage[] }) {
  const source = useSource();
  return (
    <ol className="passages">
      {passages.map((passage, index) => (
        <li key={`${passage.documentId} ${passage.start} ${passage.end} ${passage.n ?? ""}`}>
          <PassageRow passage={passage} onOpen={() => source.open(passages, index)} />
        </li>
      ))}
    </ol>
  );
}
