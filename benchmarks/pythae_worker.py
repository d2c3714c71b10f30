"""The peer of `speed.py`: pythae's VAE on PyTorch, one epoch per line of standard input.

Runs in an environment of its own, with `pip install torch==2.13.0 pythae==0.1.2`. The networks have
the widths of ours, the likelihood is the same (Bernoulli, summed), so are Adam and the batches. The
loop is the barest that trains pythae's model: its own trainer adds logging and copies.
"""

import json
import sys
import time

import numpy as np
import torch
from pythae.models import VAE, VAEConfig
from pythae.models.base.base_utils import ModelOutput
from pythae.models.nn import BaseDecoder, BaseEncoder
from torch import nn

BATCH, LATENTS = 128, 50


def conv_block(layer):
    return nn.Sequential(layer, nn.BatchNorm2d(layer.out_channels), nn.ReLU())


class Encoder(BaseEncoder):
    def __init__(self, body, features):
        super().__init__()
        self.body = body
        self.mean, self.log_variance = nn.Linear(features, LATENTS), nn.Linear(features, LATENTS)

    def forward(self, x):
        features = self.body(x)
        return ModelOutput(
            embedding=self.mean(features), log_covariance=self.log_variance(features)
        )


class Decoder(BaseDecoder):
    def __init__(self, body):
        super().__init__()
        self.body = body

    def forward(self, z):
        return ModelOutput(reconstruction=self.body(z).sigmoid().reshape(-1, 1, 28, 28))


def mlp():
    encoder = nn.Sequential(
        nn.Flatten(), nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 256), nn.ReLU()
    )
    decoder = nn.Sequential(
        nn.Linear(LATENTS, 256), nn.ReLU(), nn.Linear(256, 512), nn.ReLU(), nn.Linear(512, 784)
    )
    return Encoder(encoder, 256), Decoder(decoder)


def conv():
    encoder = nn.Sequential(
        conv_block(nn.Conv2d(1, 32, 4, 2, 1)),  # 14
        conv_block(nn.Conv2d(32, 64, 4, 2, 1)),  # 7
        conv_block(nn.Conv2d(64, 128, 3, 2, 1)),  # 4
        nn.Flatten(),
    )
    decoder = nn.Sequential(
        nn.Linear(LATENTS, 128 * 4 * 4),
        nn.Unflatten(1, (128, 4, 4)),
        conv_block(nn.ConvTranspose2d(128, 64, 3, 2, 1)),  # 7
        conv_block(nn.ConvTranspose2d(64, 32, 4, 2, 1)),  # 14
        nn.ConvTranspose2d(32, 1, 4, 2, 1),  # 28
    )
    return Encoder(encoder, 128 * 4 * 4), Decoder(decoder)


def main():
    kind, train, test, learning_rate = sys.argv[1:]
    torch.set_num_threads(2)
    torch.manual_seed(0)
    x, x_test = (torch.from_numpy(np.load(path)).permute(0, 3, 1, 2) for path in (train, test))
    encoder, decoder = {"mlp": mlp, "conv": conv}[kind]()
    config = VAEConfig(input_dim=(1, 28, 28), latent_dim=LATENTS, reconstruction_loss="bce")
    model = VAE(config, encoder, decoder)
    optimizer = torch.optim.Adam(model.parameters(), float(learning_rate))

    def step(batch):
        loss = model({"data": batch}).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    def elbo():
        model.eval()
        with torch.no_grad():
            losses = [model({"data": batch}).loss * len(batch) for batch in x_test.split(1000)]
        model.train()
        return -float(sum(losses)) / len(x_test)

    model.train()
    step(x[:BATCH])
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        start = time.perf_counter()
        for indices in torch.randperm(len(x)).split(BATCH):
            step(x[indices])
        seconds = time.perf_counter() - start
        print(
            json.dumps({"seconds": seconds, "elbo": elbo() if "elbo" in line else None}), flush=True
        )


if __name__ == "__main__":
    main()
