"""The engines compared with, each in its own best idiom. One function a question; imports stay inside."""
