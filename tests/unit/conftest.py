"""Property tests look for wrong answers, never for slow ones: no deadline, whatever machine they run on."""

from hypothesis import HealthCheck, settings

settings.register_profile("quantong", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("quantong")
