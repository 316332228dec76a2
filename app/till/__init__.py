"""The till's page, `/till`: a browser that sells; its scripts call `/v1` with the till's token."""
