import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { buildIndex, dropOtherIndex, readIndex, switchIndex, type Filling, type IndexState } from "../api/index-state";
import { Progress } from "../files/progress";
import { useWords } from "../i18n/words";
import { ConfirmDialog } from "../parts/confirm-dialog";
import { FailureNote } from "../parts/failure-note";

const LOOK_MS = 1_000;

/** The embedding model of the index and the change to another one; nothing where there is nothing to decide. */
export function IndexSection() {
  const { t } = useWords();
  const query = useQuery({
    queryKey: ["index"],
    queryFn: ({ signal }) => readIndex(signal),
    refetchInterval: ({ state }) => (state.data?.filling != null ? LOOK_MS : false),
  });
  const state = query.data;
  const { active, other, choices, filling } = state ?? { active: null, other: null, choices: [], filling: null };
  if (state === undefined || active === null || (other === null && choices.length === 0 && filling === null)) return null;
  return (
    <section className="index-change" aria-labelledby="index-title">
      <h2 id="index-title">{t("index.title")}</h2>
      <p>{t("index.active", { model: active.model })}</p>
      {state.unheededChoice !== null && (
        <p role="status">{t("index.unheeded", { model: active.model, chosen: state.unheededChoice })}</p>
      )}
      {other === null && filling !== null && <Filled filling={filling} model={active.model} />}
      {other === null ? <Begin choices={choices} /> : <Other state={state} model={other.model} />}
    </section>
  );
}

function useChange<T>(change: (value: T) => Promise<void>) {
  const client = useQueryClient();
  return useMutation({ mutationFn: change, onSettled: () => client.invalidateQueries({ queryKey: ["index"] }) });
}

function Begin({ choices }: { choices: readonly string[] }) {
  const { t } = useWords();
  const [chosen, setChosen] = useState("");
  const begin = useChange(buildIndex);
  const name = choices.includes(chosen) ? chosen : choices[0];
  if (name === undefined) return null;
  return (
    <>
      <p className="fine">{t("index.about")}</p>
      <div className="row-actions">
        <label>
          <span className="visually-hidden">{t("index.choose")}</span>
          <select value={name} onChange={(event) => setChosen(event.target.value)}>
            {choices.map((choice) => (
              <option key={choice}>{choice}</option>
            ))}
          </select>
        </label>
        <button type="button" disabled={begin.isPending} onClick={() => begin.mutate(name)}>
          {t("index.build")}
        </button>
      </div>
      {begin.isError && <FailureNote error={begin.error} />}
    </>
  );
}

function Other({ state, model }: { state: IndexState; model: string }) {
  const { t } = useWords();
  const [dropping, setDropping] = useState(false);
  const change = useChange(switchIndex);
  const drop = useChange(dropOtherIndex);
  const built = state.other?.complete === true;
  return (
    <>
      {state.ready ? <p>{t("index.ready", { model })}</p> : <Filled filling={state.filling} model={model} />}
      <div className="row-actions">
        <button type="button" disabled={!state.ready || change.isPending} onClick={() => change.mutate(state.other?.fingerprint ?? model)}>
          {t("index.switch", { model })}
        </button>
        <button type="button" className="quiet" onClick={() => setDropping(true)}>
          {t(built ? "index.drop" : "index.stop", { model })}
        </button>
      </div>
      {change.isError && <FailureNote error={change.error} />}
      {dropping && (
        <ConfirmDialog
          title={t(built ? "index.drop" : "index.stop", { model })}
          body={t("index.dropBody", { model })}
          action={t("index.dropAction")}
          run={() => drop.mutateAsync(undefined)}
          onClose={() => setDropping(false)}
        />
      )}
    </>
  );
}

function Filled({ filling, model }: { filling: Filling | null; model: string }) {
  const { t, count, timeLeft } = useWords();
  if (filling === null) return null;
  const { documents, documents_done, passages, passages_done, seconds_left, failures, failed, problem } = filling;
  return (
    <>
      <p>
        {t("index.filling", { model, done: count(documents_done), all: count(documents) })}
        {seconds_left !== null && <span className="muted"> {timeLeft(seconds_left)}</span>}
      </p>
      <Progress label={t("index.progress", { model })} value={passages === 0 ? 1 : passages_done / passages} />
      {problem !== null && <p role="alert">{t("index.problem", { problem })}</p>}
      {failed > 0 && (
        <>
          <p role="alert">{t("index.failed", { formatted: count(failed) })}</p>
          <ul>
            {failures.map(({ name, message }) => (
              <li key={name}>
                {name}
                {t("index.colon")}
                {message}
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}
