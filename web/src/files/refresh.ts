import type { QueryClient } from "@tanstack/react-query";

/** Everything that shows how the files of a knowledge base stand is asked again. */
export async function refreshFiles(client: QueryClient, kb: string): Promise<void> {
  const keys = [["documents", kb], ["standing", kb], ["unread", kb], ["facets", kb], ["knowledge-base", kb], ["knowledge-bases"]];
  await Promise.all(keys.map((queryKey) => client.invalidateQueries({ queryKey })));
}
