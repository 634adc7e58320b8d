//! Training that goes on as if it had never stopped.

use std::path::Path;

use nanotorch::checkpoint::{self, Checkpoint, Contents};
use nanotorch::loss::Mse;
use nanotorch::optimizer::{
    Adam, AdamW, MovingAverage, NoDecayOnBiases, Optimizer, RmsProp, Settings, Sgd, Uniform,
};
use nanotorch::prelude::*;
use nanotorch::run::Training;

use crate::{Folder, Net, bits};

/// A training, with all that has to be saved.
struct Course<O> {
    net: Box<Net>,
    optimizer: O,
    average: MovingAverage<Net>,
    training: Training<Net, Const<6>>,
    data: Random,
}

impl<O: Optimizer<Net>> Course<O> {
    fn new(seed: u64, optimizer: O) -> Self {
        Course {
            net: Net::new(seed),
            optimizer,
            average: MovingAverage::new(0.9),
            training: Training::new(seed + 1),
            data: Random::new(seed + 2),
        }
    }

    fn train(&mut self, steps: usize) {
        for _ in 0..steps {
            let inputs: Vec<f32> = (0..18).map(|_| self.data.normal() as f32).collect();
            let targets: Vec<f32> = (0..12).map(|_| self.data.normal() as f32).collect();
            self.training
                .step(&mut self.net, &mut self.optimizer, &Mse::default(), &inputs, &targets)
                .expect("a batch");
            self.average.update(&self.net);
            self.optimizer.set_learning_rate(self.optimizer.learning_rate() * 0.99);
        }
    }

    fn save(&self, path: &Path) {
        Contents::new()
            .model(&*self.net)
            .optimizer(&self.optimizer)
            .average(&self.average)
            .random("training", self.training.random())
            .random("data", &self.data)
            .note("epoch", 7)
            .save(path)
            .expect("the folder can be written to");
    }

    fn resume(&mut self, path: &Path) {
        let checkpoint = Checkpoint::open(path).expect("it was saved");
        let restore = checkpoint.restore().model(&mut *self.net).optimizer(&mut self.optimizer);
        restore.average(&mut self.average).finish().expect("it fits");
        self.training.set_random(checkpoint.random("training").expect("it was saved"));
        self.data = checkpoint.random("data").expect("it was saved");
        assert_eq!(checkpoint.number::<u32>("epoch").expect("it was saved"), 7);
    }
}

fn resumes<O: Optimizer<Net>>(name: &str, make: impl Fn() -> O) {
    let folder = Folder::new(name);
    let path = folder.join("course.safetensors");
    let mut whole = Course::new(1, make());
    whole.train(10);
    let mut first = Course::new(1, make());
    first.train(5);
    first.save(&path);
    let mut second = Course::new(77, make());
    second.resume(&path);
    assert_eq!(bits(second.net.values()), bits(first.net.values()));
    second.train(5);
    assert_eq!(bits(second.net.values()), bits(whole.net.values()), "{name}");
    assert_eq!(bits(second.average.model().values()), bits(whole.average.model().values()), "{name}");
    assert_eq!(second.optimizer.steps(), 10);
    assert_eq!(second.optimizer.learning_rate().to_bits(), whole.optimizer.learning_rate().to_bits());
    assert_ne!(bits(second.net.values()), bits(first.net.values()));

    let mut alone = Net::new(2);
    checkpoint::load(&mut *alone, &path).expect("the model is a part of it");
    assert_eq!(bits(alone.values()), bits(first.net.values()));
}

#[test]
fn training_resumes_bit_for_bit() {
    resumes("sgd", || Sgd::new(0.1).build::<Net>());
    resumes("momentum", || Sgd::new(0.1).momentum(0.9).nesterov().build::<Net>());
    resumes("adam", || Adam::new(0.01).clip_norm(0.5).build::<Net>());
    resumes("adamw", || AdamW::new(0.01).groups(NoDecayOnBiases).build::<Net>());
    resumes("rmsprop", || RmsProp::new(0.01).momentum(0.5).clip_value(0.1).build::<Net>());
}

#[test]
fn another_optimizer_does_not_resume() {
    let adam: Settings<_, Uniform> = Adam::new(0.01);
    let mut course = Course::new(1, adam.build::<Net>());
    course.train(2);
    let bytes =
        Contents::new().model(&*course.net).optimizer(&course.optimizer).to_bytes().expect("names differ");
    let checkpoint = Checkpoint::from_bytes(&bytes).expect("it was written here");
    let mut net = Net::new(9);
    let before = bits(net.values());
    let mut sgd = Sgd::new(0.1).momentum(0.9).build::<Net>();
    let error = checkpoint.restore().model(&mut *net).optimizer(&mut sgd).finish().expect_err("it is Adam's");
    assert_eq!(
        error.to_string(),
        "the entry `nanotorch.optimizer` is `adam`; it should be `sgd`, the optimizer that is to go on"
    );
    let mut average = MovingAverage::<Net>::new(0.5);
    let error =
        checkpoint.restore().model(&mut *net).average(&mut average).finish().expect_err("there is none");
    assert_eq!(
        error.to_string(),
        "the file has no entry `nanotorch.average.updates`: it was saved without that part"
    );
    assert!(checkpoint.random("data").is_err() && checkpoint.number::<u8>("epoch").is_err());
    assert_eq!(bits(net.values()), before);
    assert_eq!(sgd.steps(), 0);

    // A moment that the optimizer doesn't keep is left over.
    let momentum = Sgd::new(0.1).momentum(0.9).build::<Net>();
    let bytes = Contents::new().model(&*net).optimizer(&momentum).to_bytes().expect("names differ");
    let checkpoint = Checkpoint::from_bytes(&bytes).expect("it was written here");
    let mut plain = Sgd::new(0.1).build::<Net>();
    let error = checkpoint.restore().model(&mut *net).optimizer(&mut plain).finish().expect_err("too much");
    assert!(
        error.to_string().contains("`optimizer.momentum_buffer.first.weight` [5, 3] is in the file"),
        "{error}"
    );
}
