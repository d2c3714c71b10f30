"""`python -m intelvae_keras`: the demo, which is also `make demo`."""

from intelvae_keras.demo import main

if __name__ == "__main__":
    main()
