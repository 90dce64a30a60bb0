-- How a knowledge base wants to be searched, as JSON; what is left out stays at the product's default.

ALTER TABLE knowledge_bases ADD COLUMN retrieval TEXT NOT NULL DEFAULT '{}';
