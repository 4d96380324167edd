#include "reed/module.h"

#include "reed/tor.h"

REED_MODULE(tor, .summary = "Onion services to listen on, and Tor to dial through.",
            .schemes = (const struct reed_scheme *const[]){ &reed_onion_scheme, &reed_tor_scheme,
                                                            NULL });
