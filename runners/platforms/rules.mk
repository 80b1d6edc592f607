# How long one candidate takes at default effort, platform by platform: those that are built.
BENCHES += bench-platforms
.PHONY: bench-platforms
bench-platforms:
	@sh runners/platforms/bench
