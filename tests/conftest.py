"""Properties are searched for at the machine's own pace: how long an example took says nothing of it."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "crowded", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("crowded")
