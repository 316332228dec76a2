"""Runs everything on one machine: embedded PostgreSQL and Valkey from wheels, and the Procfile. Imports no room."""
