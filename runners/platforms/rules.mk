# Measures how long one candidate takes at default effort on each platform that is built.
BENCHES += bench-platforms
.PHONY: bench-platforms
bench-platforms:
	@sh runners/platforms/bench
