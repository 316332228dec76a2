"""The contract as a document: shapes, examples, OpenAPI, and the pages of problems."""
