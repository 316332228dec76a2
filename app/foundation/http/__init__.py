"""HTTP: bodies in, problems out, and the one decorator that makes a function a route."""
