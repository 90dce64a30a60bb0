/** The words for the embedding model of the index. */
export const enIndex = {
  title: "Embedding model",
  active: "The index was made with {{model}}.",
  unheeded: "You have chosen {{chosen}}. Searches go on with {{model}} until an index of the new model is built and switched to.",
  about:
    "An index for another model is built from the texts that are there, while questions go on with this one. You switch when it is complete, and can go back.",
  choose: "Model for the new index",
  build: "Build its index",
  filling: "The index of {{model}} has {{done}} of {{all}} documents.",
  progress: "Progress of the index of {{model}}",
  ready: "The index of {{model}} is complete and kept up to date.",
  switch: "Use {{model}}",
  stop: "Stop building the index of {{model}}",
  drop: "Remove the index of {{model}}",
  dropBody: "What was made for {{model}} is removed; documents and the index in use stay. It can be built again.",
  dropAction: "Remove",
  problem: "It does not go on: {{problem}}",
  failed: "Documents that could not be brought in: {{formatted}}. They are tried again.",
  colon: ": ",
};
