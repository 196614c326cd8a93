# A node that was away goes on as if nothing had been
s|return claimedIn == term && clock.elapsedNanos() - renewedAt <= limitNanos;|return claimedIn <= term;|
s|return fence.sinceRenewal().compareTo(config.fenceAfter()) > 0;|return fence.sinceRenewal().isNegative();|
s|if (late && !fenced) {|if (late \&\& !fenced \&\& !running) {|
s|launcher.loseAll("The node was taken for dead");||
