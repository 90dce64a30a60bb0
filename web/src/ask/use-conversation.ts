import { useSyncExternalStore } from "react";

import { ask } from "../api/endpoints";
import { recallForSession, rememberForSession } from "../settings/storage";
import { Conversation } from "./conversation";

const conversations = new Map<string, Conversation>();

function conversationOf(kb: string): Conversation {
  const known = conversations.get(kb);
  if (known !== undefined) return known;
  const key = `conversation.${kb}`;
  const shelf = { load: () => recallForSession(key), save: (text: string) => rememberForSession(key, text) };
  const conversation = new Conversation((request, signal) => ask(kb, request, signal), shelf);
  conversations.set(kb, conversation);
  return conversation;
}

export function useConversation(kb: string) {
  const conversation = conversationOf(kb);
  const turns = useSyncExternalStore(conversation.subscribe, conversation.snapshot);
  return { conversation, turns };
}
